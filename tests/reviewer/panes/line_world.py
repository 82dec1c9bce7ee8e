"""A linear world whose every answer is known in closed form: z pushes x, y is twice x, and w stands apart."""

from collections.abc import Mapping

from reviewer.panes.subject import Settings, Subject, subject_of

SMALL = Settings(draws=400, horizon=12)
HEAD = b'format = 1\nlanguage = 1\nname = "line"\nsummary = "A line."\nstep = "hour"\n'
X_PATH = "mechanisms/motion.toml"
X_LAW = "Normal(0.5 * x[t-1] + 0.8 * z[t-1], 1)"


def variable(name: str, role: str = "state", start: str = "0", unit: str = "m") -> bytes:
    """A real variable."""
    return (
        f'format = 1\nid = "{name}"\ntitle = "{name.upper()}"\nmeaning = "a place"\nunit = "{unit}"\n'
        f'role = "{role}"\ninitial = ["{start}"]\n\n[support]\nkind = "real"\n'
    ).encode()


def mechanism(name: str, target: str, law: str, more: str = "") -> bytes:
    """A mechanism by its law; numbers in it have the unit of what they are added to."""
    return f'format = 1\nid = "{name}"\nassigns = "{target}"\ntitle = "{name}"\nlaw = "{law}"\n{more}'.encode()


def must(name: str, formula: str) -> bytes:
    """A property."""
    return (
        f'format = 1\nid = "{name}"\ntitle = "{name}"\nkind = "property"\nstakeholder = "all"\n'
        f'property = "{formula}"\nwhy = "a test"\n'
    ).encode()


FILES: Mapping[str, bytes] = {
    "world.toml": HEAD,
    "variables/w.toml": variable("w", unit="1"),
    "variables/x.toml": variable("x", unit="1"),
    "variables/y.toml": variable("y", "outcome", unit="1"),
    "variables/z.toml": variable("z", unit="1"),
    "mechanisms/apart.toml": mechanism("apart", "w", "Normal(0.5 * w[t-1], 1)"),
    "mechanisms/double.toml": mechanism("double", "y", "2 * x[t]"),
    "mechanisms/pushing.toml": mechanism("pushing", "z", "Normal(0, 1)"),
    X_PATH: mechanism("motion", "x", X_LAW),
    "properties/ends_high.toml": must("ends_high", "P(x[t] > 0 within 1) >= 0.9"),
}


def with_law(law: str, settings: Settings = SMALL) -> Subject:
    """The change that gives x another law."""
    return subject_of(FILES, {X_PATH: mechanism("motion", "x", law)}, settings)
