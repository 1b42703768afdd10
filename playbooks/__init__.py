"""What Chaperone promises, one folder a promise. Playbooks do not import each other."""
