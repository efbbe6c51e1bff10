"""What people judge: members rate one another, experts score and verify, patients and staff are asked."""
