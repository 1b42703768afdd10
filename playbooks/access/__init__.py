"""Just-in-time production access: asked for, decided, granted for a while, taken back and proven gone."""
