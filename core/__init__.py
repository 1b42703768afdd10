"""Rules that every playbook obeys. Knows no feature and no vendor."""
