"""Numbers for everybody whom lines name, and groups of those who belong together."""

from gateway.cohort.groups import Alike, Groups, Numbered


def test_an_id_keeps_its_number_and_a_family_never_has_a_persons():
    numbered = Numbered()
    people = numbered.of_people("ehm", ["1", "2", "1"])
    families = numbered.of_families("ehm", ["1", "2"])
    elsewhere = numbered.of_people("capita", ["1"])
    assert people[0] == people[2]
    assert len({*people, *families, *elsewhere}) == numbered.size == 5
    assert numbered.number_of(("ehm", "2"), among=numbered.people) == people[1]
    assert numbered.number_of(("ehm", "3"), among=numbered.people) is None
    assert numbered.number_of(("none", "1"), among=numbered.people) is None
    assert numbered.size == 5


def test_only_those_with_a_line_of_their_own_are_held():
    numbered = Numbered()
    numbered.hold(numbered.of_people("ehm", ["1", "2"]))
    numbered.of_people("ehm", ["3"])
    numbered.of_people("capita", ["1"])
    numbered.hold(numbered.of_families("capita", ["F"]))
    held = numbered.who_is_held()
    asked = [("ehm", "1"), ("ehm", "2"), ("ehm", "3"), ("capita", "1"), ("none", "1")]
    assert [each in held.people for each in asked] == [True, True, False, False, False]
    assert [("capita", "F") in held.families, ("ehm", "1") in held.families] == [True, False]
    assert held.sources == {"ehm"}


def test_whoever_shares_a_key_is_in_one_group_also_by_way_of_others():
    groups, alike = Groups(6), Alike()
    for key, number in (("a", 0), ("a", 3), ("b", 3), ("b", 5), ("c", 1)):
        alike.add(key, number)
    alike.join_in(groups)
    groups.join(4, 2)
    assert [groups.of(number) for number in range(6)] == [0, 1, 2, 0, 2, 0]


def test_a_group_is_never_parted_however_large():
    groups = Groups(9)
    for number in (2, 4, 6, 8):
        groups.join(0, number)
    part_of, parts = groups.parts(2)
    assert len({part_of[number] for number in (0, 2, 4, 6, 8)}) == 1
    assert parts == 3
    assert sorted(set(part_of)) == [0, 1, 2]
    assert Groups(3).parts(10) == (Groups(3).parts(3)[0], 1)


def test_nobody_is_one_part():
    assert Groups(0).parts(5)[1] == 1
