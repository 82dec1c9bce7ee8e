"""An unseen variable is learned through the one law that measures it, and through no other."""

from pathlib import Path

import pytest
import torch

from assistants.brief import Brief
from assistants.parameters.proposer import propose
from assistants.parameters.unseen import measured
from worldmodel.build import check_files, load_world
from worldmodel.errors import InputError
from worldmodel.files import read_folder
from worldmodel.language.render import render
from worldmodel.world import World

HEADER = """format = 1
language = 1
name = "drops"
summary = "Drops of rain, counted"
step = "day"
[data]
file = "data/drops.csv"
time = "day"
"""
VARIABLE = """format = 1
id = "{id}"
title = "{id}"
meaning = "{id}"
unit = "1"
role = "state"
observed = {observed}
initial = ["Delta(1)"]
[support]
kind = "{kind}"
lower = 0
"""
WEIGHT = """format = 1
id = "weight"
assigns = "weight"
title = "Clouds weigh"
law = "base * wind[t-1]"
[parameters.base]
prior = "LogNormal(1, 1)"
why = "some three"
"""
COUNT = """format = 1
id = "count"
assigns = "drops"
title = "Drops fall by weight"
law = "Poisson(area * weight[{when}])"
[constants.area]
value = 2
why = "the bucket"
"""
WIND = """format = 1
id = "gusts"
assigns = "wind"
title = "Gusts"
law = "LogNormal(0, 0.5)"
"""


def files(count: str = COUNT.format(when="t"), **more: str) -> dict[str, str]:
    return {
        "world.toml": HEADER,
        "variables/weight.toml": VARIABLE.format(id="weight", observed="false", kind="real"),
        "variables/wind.toml": VARIABLE.format(id="wind", observed="true", kind="real"),
        "variables/drops.toml": VARIABLE.format(id="drops", observed="true", kind="integer"),
        "mechanisms/weight.toml": WEIGHT,
        "mechanisms/count.toml": count,
        "mechanisms/gusts.toml": WIND,
        **more,
    }


def folder(root: Path, texts: dict[str, str]) -> Path:
    generator = torch.Generator().manual_seed(3)
    wind = torch.exp(0.5 * torch.randn(200, generator=generator, dtype=torch.float64))
    drops = torch.poisson(torch.cat((torch.ones(1, dtype=torch.float64), 2 * 3 * wind[:-1])), generator=generator)
    rows = [f"{day},{w!r},{int(d)}" for day, (w, d) in enumerate(zip(wind.tolist(), drops.tolist(), strict=True))]
    for path, text in {**texts, "data/drops.csv": "\n".join(["day,wind,drops", *rows]) + "\n"}.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")
    return root


def through(world: World) -> str:
    found = measured(world, world.mechanisms["weight"])
    return f"{found.assigns} ~ {render(found.law)}"


def test_the_unseen_law_is_put_into_the_one_that_measures_it(tmp_path: Path) -> None:
    world = load_world(folder(tmp_path, files()))
    assert through(world) == "drops ~ Poisson(area * (base * wind[t-1]))"
    assert measured(world, world.mechanisms["count"]).assigns == "drops"


def test_the_posterior_is_of_the_unseen_mechanism_and_near_the_truth(tmp_path: Path) -> None:
    root = folder(tmp_path, files())
    (proposal,) = propose(Brief(root, load_world(root), ("weight",)))
    assert set(proposal.changes) == {"posteriors/weight.toml"}
    assert proposal.evidence["mechanisms"]["weight"]["checks"]["minimum"]["p"] == 1.0
    assert "differ" not in str(proposal.prose)  # the least count is 0 in the data and in replications: a tie
    path = root / "posteriors/weight.toml"
    path.parent.mkdir()
    path.write_text(str(proposal.changes["posteriors/weight.toml"]), encoding="utf-8")
    assert check_files(read_folder(root)) == []
    entry = load_world(root).posteriors["weight"].parameters["base"]
    assert entry.mean == pytest.approx(torch.log(torch.tensor(3.0)).item(), abs=3 * entry.sd)


OWN = COUNT.format(when="t").replace("[constants.area]\nvalue = 2", '[parameters.area]\nprior = "LogNormal(0, 1)"')
TAKEN = WEIGHT.replace("parameters.base", "parameters.area").replace("base", "area")


@pytest.mark.parametrize(
    "changed",
    [
        files(COUNT.format(when="t-1")),
        files(OWN),
        files(**{"mechanisms/weight.toml": TAKEN}),
        files(
            **{
                "variables/puddles.toml": VARIABLE.format(id="puddles", observed="false", kind="integer").replace(
                    '"state"', '"outcome"'
                ),
                "mechanisms/puddle.toml": COUNT.format(when="t")
                .replace('"count"', '"puddle"')
                .replace("drops", "puddles"),
            }
        ),
    ],
    ids=["a step later", "a law with parameters of its own", "one name for two numbers", "two that read it"],
)
def test_what_is_not_that_simple_stays_unmeasured(tmp_path: Path, changed: dict[str, str]) -> None:
    root = folder(tmp_path, changed)
    world = load_world(root)
    assert through(world).startswith("weight ~ ")
    with pytest.raises(InputError) as caught:
        list(propose(Brief(root, world, ("weight",))))
    assert "not-measured" in {problem.code for problem in caught.value.problems}
