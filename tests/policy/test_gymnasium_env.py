"""The environments pass Gymnasium's own checker, and their returns are those of the simulator."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from gymnasium.error import ResetNeeded
from gymnasium.utils.env_checker import check_env
from gymnasium.vector import AutoresetMode

from policy.configuration import Configuration
from policy.gymnasium_env import WorldEnv, WorldVectorEnv
from policy.network import Scaling
from policy.preparation import prepare
from policy.world_task import WorldTask
from worldmodel.build import build_world

Components = Mapping[str, dict[str, Any]]


@pytest.fixture(scope="module")
def task(us_macro: Components) -> WorldTask:
    return WorldTask(build_world(us_macro))


@pytest.fixture(scope="module")
def scaling(task: WorldTask) -> Scaling:
    return prepare(task, Configuration(pool=20), "ab" * 32).scaling


@pytest.mark.filterwarnings("ignore:.*Box observation space m.* value is.*infinity")
def test_the_single_environment_passes_the_checker(task: WorldTask, scaling: Scaling) -> None:
    check_env(WorldEnv(task, scaling), skip_render_check=True)


def test_an_episode_is_truncated_at_the_horizon_and_never_terminates(task: WorldTask, scaling: Scaling) -> None:
    environment = WorldEnv(task, scaling)
    environment.reset(seed=3)
    for step in range(1, 41):
        observation, reward, terminated, truncated, info = environment.step(np.zeros(1))
        assert not terminated
        assert truncated == (step == 40)
        assert info["utilities"].shape == (3,)
        assert reward == pytest.approx(info["utilities"].sum())
        assert observation.dtype == np.float64


def test_a_step_before_a_reset_is_an_error(task: WorldTask, scaling: Scaling) -> None:
    with pytest.raises(ResetNeeded):
        WorldEnv(task, scaling).step(np.zeros(1))


def test_the_single_and_the_vector_environment_are_one_world(task: WorldTask, scaling: Scaling) -> None:
    single, vector = WorldEnv(task, scaling), WorldVectorEnv(task, scaling, 1)
    first, _ = single.reset(seed=7)
    many, _ = vector.reset(seed=7)
    assert np.array_equal(first, many[0])
    for action in (-1.0, 0.3, 1.0):
        one, reward, *_ = single.step(np.array([action]))
        all_of_one, rewards, *_ = vector.step(np.array([[action]]))
        assert np.array_equal(one, all_of_one[0])
        assert reward == rewards[0]


def test_same_step_resets_and_hands_over_the_last_observation(task: WorldTask, scaling: Scaling) -> None:
    vector = WorldVectorEnv(task, scaling, 4)
    assert vector.metadata["autoreset_mode"] is AutoresetMode.SAME_STEP
    start, _ = vector.reset(seed=1)
    for _ in range(40):
        observation, _, _, truncated, info = vector.step(np.zeros((4, 1)))
    assert truncated.all()
    assert np.array_equal(observation, start), "us-macro starts from known values"
    assert not np.array_equal(info["final_obs"], start)
    assert vector.step(np.zeros((4, 1)))[3].sum() == 0


def test_disabled_leaves_the_reset_to_the_caller(task: WorldTask, scaling: Scaling) -> None:
    vector = WorldVectorEnv(task, scaling, 2, AutoresetMode.DISABLED)
    vector.reset(seed=1)
    for _ in range(40):
        *_, truncated, info = vector.step(np.zeros((2, 1)))
    assert truncated.all()
    assert "final_obs" not in info
    vector.reset(options={"reset_mask": np.ones(2, bool)})
    with pytest.raises(ValueError, match="begin together"):
        vector.reset(options={"reset_mask": np.array([True, False])})
    with pytest.raises(ValueError, match="in the same step"):
        WorldVectorEnv(task, scaling, 2, AutoresetMode.NEXT_STEP)


def test_episodes_have_parameters_of_their_own_and_the_caller_gets_copies(task: WorldTask, scaling: Scaling) -> None:
    vector = WorldVectorEnv(task, scaling, 64)
    observation, _ = vector.reset(seed=1)
    observation[:] = np.nan
    after, *_ = vector.step(np.zeros((64, 1)))
    assert np.isfinite(after).all()
    assert len(np.unique(after[:, task.observations.index("unemployment")])) == 64
