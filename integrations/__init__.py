"""The outside world, one folder a vendor, behind the doors in ports.py."""
