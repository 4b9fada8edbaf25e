"""The process of a serving city settles its memory, and leaves it as it was."""

import gc

import pytest

from api.process import THRESHOLDS, settled_memory


def test_what_was_loaded_is_not_searched_while_serving_and_is_again_afterwards() -> None:
    before = gc.get_threshold(), gc.get_freeze_count()
    with settled_memory():
        assert gc.get_threshold() == THRESHOLDS
        assert gc.get_freeze_count() > before[1]
    assert (gc.get_threshold(), gc.get_freeze_count()) == before


def test_a_city_that_fails_leaves_memory_as_it_was_too() -> None:
    before = gc.get_threshold(), gc.get_freeze_count()
    with pytest.raises(RuntimeError), settled_memory():
        raise RuntimeError
    assert (gc.get_threshold(), gc.get_freeze_count()) == before
