"""The table itself: order, duplicates, aliases, and the sentence for a name that is not in it."""

import pytest

from core.registry import Item, Registry, UnknownNameError, one_of


def item(name: str) -> Item:
    return Item(name=name, label=name.title(), formula="f", summary="A thing.", source="Somebody 2000")


def table(**aliases: str) -> Registry[Item]:
    return Registry("fruit", [item("pear"), item("apple"), item("fig")], aliases=aliases)


def test_is_an_ordered_mapping():
    fruits = table()
    assert list(fruits) == ["pear", "apple", "fig"]
    assert len(fruits) == 3
    assert [fruit.name for fruit in fruits.values()] == ["pear", "apple", "fig"]
    assert fruits["fig"].label == "Fig"


def test_alias_finds_its_entry_and_is_not_listed():
    fruits = table(ficus="fig")
    assert fruits["ficus"] is fruits["fig"]
    assert "ficus" in fruits
    assert "ficus" not in list(fruits)


def test_two_entries_of_one_name_are_refused():
    with pytest.raises(ValueError, match="two fruit entries are named 'fig'"):
        Registry("fruit", [item("fig"), item("pear"), item("fig")])


@pytest.mark.parametrize("alias", [{"fig": "pear"}, {"ficus": "banana"}], ids=["hides an entry", "points to none"])
def test_a_wrong_alias_is_refused(alias):
    with pytest.raises(ValueError, match="hides an entry or points to none"):
        table(**alias)


def test_unknown_name_says_what_is_allowed_and_what_arrived():
    fruits = table()
    with pytest.raises(UnknownNameError) as caught:
        fruits["plum"]
    assert isinstance(caught.value, KeyError)
    assert str(caught.value) == "fruit must be one of pear, apple, fig. Received: 'plum'."


@pytest.mark.parametrize("name", [None, 3, ("fig",), ["fig"], {}, float("nan")])
def test_what_is_no_name_is_an_unknown_name(name):
    with pytest.raises(UnknownNameError, match="fruit must be one of"):
        table()[name]
    assert table().get("plum") is None


def test_a_long_value_is_cut_short():
    message = one_of("fruit", ["fig"], "x" * 10_000)
    assert len(message) < 120
    assert message.endswith("xxx....")


def test_cannot_be_changed():
    with pytest.raises(TypeError):
        table()["plum"] = item("plum")
    with pytest.raises(AttributeError):
        item("fig").name = "plum"
