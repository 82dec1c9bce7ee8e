"""The closed table of distribution families; a test holds its names equal to the checker's."""

from collections.abc import Mapping

from worldmodel.families.base import Family
from worldmodel.families.bernoulli import BERNOULLI
from worldmodel.families.beta import BETA
from worldmodel.families.binomial import BINOMIAL
from worldmodel.families.categorical import CATEGORICAL
from worldmodel.families.delta import DELTA
from worldmodel.families.exponential import EXPONENTIAL
from worldmodel.families.gamma import GAMMA
from worldmodel.families.half_normal import HALF_NORMAL
from worldmodel.families.log_normal import LOG_NORMAL
from worldmodel.families.negative_binomial import NEGATIVE_BINOMIAL
from worldmodel.families.normal import NORMAL
from worldmodel.families.poisson import POISSON
from worldmodel.families.student_t import STUDENT_T
from worldmodel.families.uniform import UNIFORM

FAMILIES: Mapping[str, Family] = {
    family.signature.name: family
    for family in (
        NORMAL,
        STUDENT_T,
        LOG_NORMAL,
        HALF_NORMAL,
        BETA,
        GAMMA,
        EXPONENTIAL,
        UNIFORM,
        BERNOULLI,
        CATEGORICAL,
        POISSON,
        BINOMIAL,
        NEGATIVE_BINOMIAL,
        DELTA,
    )
}
