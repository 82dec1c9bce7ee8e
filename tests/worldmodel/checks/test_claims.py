"""What the checker lets a claim say: known names, numbers where numbers are wanted, units that agree."""

from collections.abc import Callable

import pytest

from worldmodel.build import check_files

Tank = Callable[..., dict[str, bytes]]
CLAIM = 'claim = "increasing(mean(level[t]), inflow[t])"'


def codes(tank: Tank, claim: str) -> list[str]:
    files = tank({"mechanisms/level.toml": (CLAIM, f'claim = "{claim}"')})
    return [problem.code for problem in check_files(files)]


@pytest.mark.parametrize(
    "claim",
    [
        "increasing(quantile(level[t], 0.9), inflow[t])",
        "mean(level[t]) >= -5",
        "level >= 0",
        "independent(level[t], inflow[t-1] given level[t-1], inflow[t])",
        "effect(mean(level), do(valve + 1), 8) <= 0",
        "effect(quantile(level, 0.5), do(valve == 2, 1, 3), 8) <= 0",
    ],
)
def test_good_claims(tank: Tank, claim: str) -> None:
    assert codes(tank, claim) == []


@pytest.mark.parametrize(
    ("claim", "code"),
    [
        ("mean(water[t]) >= 0", "unknown-name"),
        ("independent(level[t], water[t])", "unknown-name"),
        ("independent(level[t], inflow[t] given water[t])", "unknown-name"),
        ("effect(mean(water), do(valve + 1), 8) <= 0", "unknown-name"),
        ("effect(mean(level), do(tap + 1), 8) <= 0", "unknown-name"),
        ("effect(mean(level), do(valve == inflow), 8) <= 0", "wrong-kind"),
        ("effect(mean(level), do(valve == wide), 8) <= 0", "unknown-name"),
    ],
)
def test_bad_claims(tank: Tank, claim: str, code: str) -> None:
    assert code in codes(tank, claim)


def test_named_values_have_no_mean(tank: Tank) -> None:
    support = ('kind = "real"\nlower = 0\n', 'kind = "finite"\nvalues = ["shut", "open"]\n')
    law = ("- valve[t])", "- (if valve[t] == open then 1 else 0))")
    files = tank({"variables/valve.toml": support, "mechanisms/level.toml": law})
    files["variables/valve.toml"] = files["variables/valve.toml"].replace(b"Delta(1)", b"open")
    assert check_files(files) == []
    assert _codes(files, "effect(mean(level), do(valve == shut), 8) >= 0") == []
    assert _codes(files, "effect(mean(level), do(valve + 1), 8) >= 0") == ["wrong-kind"]
    assert _codes(files, "effect(mean(level), do(valve == ajar), 8) >= 0") != []
    assert _codes(files, "mean(valve[t]) >= 0") == ["wrong-kind"]


def _codes(files: dict[str, bytes], claim: str) -> list[str]:
    own = files["mechanisms/level.toml"].replace(CLAIM.encode(), f'claim = "{claim}"'.encode())
    return [problem.code for problem in check_files({**files, "mechanisms/level.toml": own})]
