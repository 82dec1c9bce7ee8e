"""A JSON Schema for each kind of component file, so that editors complete keys and mark mistakes as they are typed.

Made from the models that check the files, which stay the judges: a schema knows shapes, and neither names, units nor
laws.
"""

import json
from collections.abc import Mapping
from typing import Any

from worldmodel.components.load import MODELS

DRAFT = "https://json-schema.org/draft/2020-12/schema"

FIELDS: Mapping[str, str] = {
    "aggregation": "How stakeholders' utilities become one number.",
    "assigns": "The variable that the law assigns.",
    "bits": "How many bits this number says beyond the prior.",
    "by": "The index sets, finite variables or t that the table is looked up by, in order.",
    "checks": "Posterior predictive p-values by statistic.",
    "claim": "A formula that a machine can decide.",
    "claims": "Statements about the law that a machine can decide.",
    "constants": "Numbers that are fixed by definition or by a decision that people approved, by name.",
    "correlation": "The full correlation matrix, its rows in the order of `order`.",
    "elements": "The elements of the index set, in order.",
    "data": "The data that assistants read.",
    "data_digest": "The digest of the data that this was fitted to.",
    "diagnostics": "How far the numbers can be trusted.",
    "discount": "How much a step later counts, from 0 to 1.",
    "effective_draws": "How many independent draws the numbers are worth.",
    "file": "The data file's path, relative to the world's folder.",
    "floors": "The properties that nothing buys off.",
    "format": "The version of the file's format.",
    "grid": "Half a standard deviation; the mean is a multiple of it.",
    "holdout": "How many last rows are held out.",
    "horizon": "For how many steps a policy is trained.",
    "id": "The component's name, which is the file's name too.",
    "indices": "The elements of each index set.",
    "initial": "The laws of the values before step 1, latest first; one law serves for all.",
    "k_hat": "The Pareto shape of the importance weights.",
    "kind": "Which of the named kinds it is.",
    "language": "The version of the expression language.",
    "law": "The law in the expression language, such as Normal(level[t-1], noise).",
    "let": "Steps of a long law: names for expressions.",
    "level": "The share of the worst draws that count.",
    "log_evidence": "The log marginal likelihood of the data.",
    "lower": "The smallest value; absent means no bound.",
    "mean": "The mean on the named scale.",
    "meaning": "What exactly is measured, by whom and how.",
    "measure": "How uncertainty about parameters counts.",
    "mechanism_digest": "The digest of the mechanism that this was fitted to; an edit of the law voids it.",
    "method": "How the numbers were found.",
    "model": "The mean held-out log density of this posterior.",
    "autoregression": "The mean held-out log density of an autoregression.",
    "random_walk": "The mean held-out log density of a random walk.",
    "name": "The world's name.",
    "observations": "How many rows were fitted.",
    "observed": "Whether a policy sees the variable and data have it.",
    "order": "The parameters in the order of the correlation's rows.",
    "over": "The index sets that there is one of it for each element of.",
    "parameters": "The parameters by name.",
    "prior": "The law of what is believed before data.",
    "Scores.prior": "The mean held-out log density of the prior.",
    "property": "The formula that must hold.",
    "r_hat": "Split R-hat of the chains.",
    "ref": "A source, such as a DOI.",
    "risk": "How uncertainty about parameters counts.",
    "rivals": "The weights of the mechanisms that assign one variable, by variable.",
    "role": "What the variable is for.",
    "rule": "How utilities are put together.",
    "scale": "The scale on which the posterior is Gaussian.",
    "scores": "Mean held-out log density of a step, in nats.",
    "rows": "Numbers nested once for each of `by`, keyed by names or in their order.",
    "sd": "The standard deviation on the named scale.",
    "sources": "Where parts of the mechanism come from.",
    "stakeholder": "Whose it is.",
    "step": "How long one step lasts, as a unit of time.",
    "summary": "What the world is about, in a few sentences.",
    "support": "The set that the variable's values lie in.",
    "supports": "The keys that the source stands behind.",
    "tables": "Tables of numbers, by name.",
    "time": "The time column of the data.",
    "title": "One line for people.",
    "unit": "The unit of measurement, such as percent/year; 1 for none.",
    "upper": "The largest value; absent means no bound.",
    "utility": "What is valued at each step, as an expression.",
    "value": "The number.",
    "LetEntry.value": "The expression.",
    "values": "The names of a finite variable's values.",
    "weights": "Weights by name.",
    "why": "Why it is so.",
}
"""What a key is for; `Model.key` where one key means different things."""


def schemas() -> dict[str, dict[str, Any]]:
    """The schema of each kind of component file, by the kind's name: world, variable, mechanism, …"""
    return {_kind(place): _schema(place) for place in MODELS}


def schema_files() -> dict[str, bytes]:
    """The schemas as files, and `.taplo.toml`, which tells editors which files each one is for."""
    files = {
        f"{kind}.schema.json": (json.dumps(schema, indent=2, sort_keys=True, ensure_ascii=False) + "\n").encode("utf-8")
        for kind, schema in schemas().items()
    }
    return files | {".taplo.toml": _taplo().encode("utf-8")}


def _kind(place: str) -> str:
    """`mechanism` for the folder `mechanisms`, `world` for the file `world.toml`."""
    if place.endswith(".toml"):
        return place.removesuffix(".toml")
    return f"{place.removesuffix('ies')}y" if place.endswith("ies") else place.removesuffix("s")


def _schema(place: str) -> dict[str, Any]:
    schema = MODELS[place].model_json_schema()
    for name, part in ((schema["title"], schema), *schema.get("$defs", {}).items()):
        _describe(name, part)
    _close(schema)
    where = place if place.endswith(".toml") else f"{place}/ID.toml"
    head = {"$schema": DRAFT, "$id": f"urn:glassworld:format-1:{_kind(place)}", "title": where}
    return schema | head


def _describe(model: str, part: dict[str, Any]) -> None:
    """Says what each key is for."""
    for name, field in part.get("properties", {}).items():
        field.pop("title", None)
        words = FIELDS.get(f"{model}.{name}") or FIELDS.get(name)
        if words:
            field["description"] = words


def _close(field: Any) -> None:
    """Says that a table whose keys have a pattern has no other keys."""
    match field:
        case dict():
            if "patternProperties" in field:
                field["additionalProperties"] = False
            for inner in field.values():
                _close(inner)
        case list():
            for inner in field:
                _close(inner)
        case _:
            return


def _taplo() -> str:
    rules = []
    for place in MODELS:
        pattern = place if place.endswith(".toml") else f"{place}/*.toml"
        rules.append(f'[[rule]]\ninclude = ["**/{pattern}"]\nschema.path = "{_kind(place)}.schema.json"\n')
    return "\n".join(rules)
