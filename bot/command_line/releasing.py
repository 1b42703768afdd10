"""`chaperone release`: what was done, and which key to anchor."""

from rich.markup import escape

from bot import wiring
from bot.command_line.output import AsJson, say, say_json
from bot.release import release as bring_up_to_date


def release(*, as_json: AsJson) -> None:
    """Migrate, make the key the first time, and say so."""
    done = bring_up_to_date(wiring.load_configuration())
    if as_json:
        say_json(
            {
                "migrations": done.migrations,
                "key_file": str(done.key_file),
                "key_made": done.key_made,
                "verifying_key": done.verifying_key,
            }
        )
        return
    applied = ", ".join(done.migrations)
    say(f"✓ schema: {f'applied {applied}' if applied else 'was current'}")
    say(f"✓ signing key: {'made' if done.key_made else 'found'} at {escape(str(done.key_file))}")
    if done.key_made:
        say("  Back it up now: entries can only be proven by the key that signed them.")
    say("✓ verifying key. Keep a copy where nobody can change it (auditor, ticket, print):")
    say(f"  {escape(done.verifying_key)}")
