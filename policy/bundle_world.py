"""The world inside a bundle's bytes, for the confined child: the parent has verified the bundle before it is sent."""

from worldmodel.build import build_world
from worldmodel.bundle.layout import load_bundle
from worldmodel.world import World


def world_of(bundle: bytes) -> World:
    """The checked world; raises InputError where the bytes are no bundle or make none."""
    return build_world(load_bundle(bundle).components)
