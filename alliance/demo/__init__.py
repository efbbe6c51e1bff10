"""The demo alliance: made-up members, people and figures, brought in through the portal's own verbs."""
