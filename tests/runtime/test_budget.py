from catseye.runtime.budget import Budget


def alarms(budget, ages):
    return [budget.check(age).alarm for age in ages]


def test_without_a_budget_nothing_is_stale():
    budget = Budget(None, 1)
    assert alarms(budget, (1e9, 1e9)) == [False, False] and not budget.missed and budget.stale == 0


def test_the_alarm_goes_off_after_so_many_in_a_row(caplog):
    budget = Budget(50.0, 3)
    assert alarms(budget, (60, 60, 40, 60, 60, 60, 60, 50)) == [False] * 5 + [True, True, False]
    assert (budget.stale, budget.alarms, budget.results) == (6, 1, 8)
    assert [record.getMessage() for record in caplog.records] == [
        # once for the whole row
        "alarm: 3 results in a row were older than 50 ms, the newest 60 ms"
    ]


def test_an_alarm_misses_the_budget_however_good_the_rest():
    budget = Budget(50.0, 3)
    alarms(budget, [60] * 3 + [1] * 1000)
    assert budget.missed
    budget = Budget(50.0, 4)
    alarms(budget, [60] * 3 + [1] * 1000)
    assert not budget.missed
