from alliance.core.refused import AlreadyDone, Both, Forbidden, NotFound, Problem, Refused


def test_a_refusal_says_everything_in_one_text():
    at: dict[str, object] = {"row": 3, "column": Both("床位数", "beds")}
    problem = Problem("row %(row)s, %(column)s", "-1", "is not a whole number of 0 or more", at=at)
    other = Problem(
        "row 4 value", "1.25", "has %(found)s decimal places; this element takes %(due)s", {"found": 2, "due": 0}
    )
    refused = Refused("The file has %(count)s errors.", problems=[problem, other], count=2)
    assert str(refused).splitlines() == [
        "The file has 2 errors.",
        "row 3, beds: is not a whole number of 0 or more [-1]",
        "row 4 value: has 2 decimal places; this element takes 0 [1.25]",
    ]


def test_a_message_without_numbers_is_taken_as_it_is():
    assert str(Refused("100 % is 100 %.")) == "100 % is 100 %."


def test_each_refusal_has_its_status():
    assert [Refused("").status, NotFound().status, Forbidden("").status, AlreadyDone("x").status] == [
        422,
        404,
        403,
        409,
    ]
