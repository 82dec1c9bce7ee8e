"""`glassworld condition`: answers, methods, exit codes."""

import json

import pytest
from click.testing import CliRunner

from worldmodel.commands.condition import condition_command

HEADER = 'format = 1\nlanguage = 1\nname = "clinic"\nsummary = "Smoke and cough"\n'


def variable(name, support):
    head = f'format = 1\nid = "{name}"\ntitle = "{name}"\nmeaning = "{name}"\nunit = "1"\nrole = "state"\n'
    return f"{head}[support]\n{support}\n"


def mechanism(name, law):
    return f'format = 1\nid = "{name}"\nassigns = "{name}"\ntitle = "{name}"\nlaw = "{law}"\n'


@pytest.fixture
def clinic(tmp_path):
    named = 'kind = "finite"\nvalues = ["no", "yes"]'
    files = {
        "world.toml": HEADER,
        "variables/smoke.toml": variable("smoke", named),
        "variables/cough.toml": variable("cough", named),
        "variables/cost.toml": variable("cost", 'kind = "real"'),
        "mechanisms/smoke.toml": mechanism("smoke", "Categorical(0.75, 0.25)"),
        "mechanisms/cough.toml": mechanism(
            "cough", "Categorical(if smoke == yes then 0.2 else 0.9, if smoke == yes then 0.8 else 0.1)"
        ),
        "mechanisms/cost.toml": mechanism("cost", "StudentT(4, if cough == yes then 2 else 1, 0.1)"),
    }
    for path, text in files.items():
        target = tmp_path / path
        target.parent.mkdir(exist_ok=True)
        target.write_text(text)
    return tmp_path


def run(folder, *arguments):
    return CliRunner().invoke(condition_command, ["--world", str(folder), *arguments])


def test_prints_the_answer_the_method_and_why(clinic):
    found = run(clinic, "--given", "cough=yes", "--of", "smoke")
    assert found.exit_code == 0, found.output
    assert "smoke: no 0.2727; yes 0.7273" in found.output
    assert "Method: elimination (exact). All 1 unknown values are finite" in found.output


def test_json_has_all_of_it(clinic):
    found = run(clinic, "--given", "cough=yes", "--of", "smoke", "--of", "cost", "--json")
    facts = json.loads(found.output)
    assert (found.exit_code, facts["ok"], facts["method"], facts["exact"]) == (0, True, "importance", False)
    assert {entry["variable"] for entry in facts["marginals"]} == {"smoke", "cost"}
    assert "cost at step 1 is drawn from StudentT" in facts["why"]


def test_refuses_to_estimate_where_an_exact_answer_is_asked_for(clinic):
    found = run(clinic, "--given", "cough=yes", "--of", "cost", "--exactly")
    assert found.exit_code == 1
    assert "no-exact-method" in found.output


def test_says_what_is_wrong(clinic):
    found = run(clinic, "--given", "cough=perhaps", "--of", "smoke")
    assert found.exit_code == 2
    assert "evidence-outside-support: variables/cough.toml: support: cough = perhaps; no or yes" in found.output
