"""Registers of real cases: referrals, and everything else the members do together, case by case."""
