"""Small worlds in the whole surface language, as texts: an epidemic over regions, a static network, laws of laws."""

from worldmodel.build import build_world
from worldmodel.files import parse_toml
from worldmodel.world import World


def world_from(files: dict[str, str]) -> World:
    """The checked world of some files' texts."""
    return build_world({path: parse_toml(path, text.encode()) for path, text in files.items()})


def variable(name: str, *, support: str = 'kind = "real"', extra: str = "", initial: str = '["Delta(0)"]') -> str:
    """A variable without unit."""
    start = f"initial = {initial}\n" if initial else ""
    return (
        f'format = 1\nid = "{name}"\ntitle = "{name}"\nmeaning = "{name}"\nunit = "1"\nrole = "state"\n{start}{extra}\n'
        f"[support]\n{support}\n"
    )


def mechanism(name: str, law: str, extra: str = "", assigns: str | None = None) -> str:
    """A mechanism by its law."""
    head = f'format = 1\nid = "{name}"\nassigns = "{assigns or name}"\ntitle = "{name}"\n'
    return f"{head}law = '''{law}'''\n{extra}"


HEAD = 'format = 1\nlanguage = 1\nname = "small"\nsummary = "small"\n'

EPIDEMIC = {
    "world.toml": HEAD
    + """step = "day"
[indices]
region = ["north", "south", "east"]
[tables.contact]
by = ["region", "region"]
rows = [[1.0, 0.2, 0.0], [0.2, 1.0, 0.1], [0.0, 0.1, 1.0]]
why = "how much the regions mix"
[tables.first]
by = ["region"]
rows = { north = 5, south = 0, east = 1 }
why = "who is ill at the start"
[constants.population]
value = 1000
why = "people in a region"
""",
    "variables/infected.toml": variable(
        "infected", support='kind = "real"\nlower = 0', extra='over = ["region"]', initial='["Delta(first[region])"]'
    ),
    "variables/weather.toml": variable(
        "weather", support='kind = "finite"\nvalues = ["dry", "wet"]', initial='["Categorical(0.5, 0.5)"]'
    ),
    "variables/total.toml": variable("total"),
    "mechanisms/spread.toml": mechanism(
        "spread",
        "LogNormal(log(1 + growth * pressure), noise)",
        """
[let.pressure]
value = "sum(contact[a, b] * infected[b, t-1] over b) / population"
why = "what comes in from all regions"
[let.growth]
value = "beta[a] * damp[weather[t-1]] * population * (if a == north then 0.5 else 1)"
why = "how fast it grows"
[parameters.beta]
prior = "LogNormal(centre, 0.2)"
over = ["region"]
why = "regions differ, and have something in common"
[parameters.centre]
prior = "Normal(0, 0.3)"
why = "what they have in common"
[parameters.noise]
prior = "HalfNormal(0.1)"
why = "the rest"
[tables.damp]
by = ["weather"]
rows = { dry = 1.2, wet = 0.8 }
why = "people stay at home in the rain"
""",
        assigns="infected[a]",
    ),
    "mechanisms/weather.toml": mechanism(
        "weather",
        "Categorical(next[weather[t-1]])",
        """
[tables.next]
by = ["weather"]
why = "weather lasts"
[tables.next.rows]
dry = [0.8, 0.2]
wet = [0.4, 0.6]
""",
    ),
    "mechanisms/total.toml": mechanism("total", "sum(infected[r, t] over r)"),
    "properties/small.toml": 'format = 1\nid = "small"\ntitle = "stays small"\nkind = "property"\n'
    'property = "P(all(infected[r] < 500 over r) throughout 10) >= 0.1"\nwhy = "for a test"\n',
}

SPRINKLER = {
    "world.toml": HEAD,
    "variables/rain.toml": variable("rain", support='kind = "finite"\nvalues = ["no", "yes"]', initial=""),
    "variables/sprinkler.toml": variable("sprinkler", support='kind = "finite"\nvalues = ["off", "on"]', initial=""),
    "variables/grass.toml": variable("grass", support='kind = "finite"\nvalues = ["dry", "wet"]', initial=""),
    "mechanisms/rain.toml": mechanism("rain", "Categorical(0.8, 0.2)"),
    "mechanisms/sprinkler.toml": mechanism("sprinkler", "Bernoulli(if rain == yes then 0.01 else 0.4)"),
    "mechanisms/grass.toml": mechanism(
        "grass",
        "Categorical(wet[rain, sprinkler])",
        """
[tables.wet]
by = ["rain", "sprinkler"]
why = "what makes grass wet"
[tables.wet.rows.no]
off = [1.0, 0.0]
on = [0.1, 0.9]
[tables.wet.rows.yes]
off = [0.2, 0.8]
on = [0.01, 0.99]
""",
    ),
}
