import socket
import threading

from catseye.runtime.sinks.http.visitors import Visitors


def serve(visitors, connection):
    """As the server does: a thread that ends when its connection does."""

    def wait():
        connection.recv(1)
        visitors.leave(connection)

    threading.Thread(target=wait, daemon=True).start()


def entered(visitors, household, pairs):
    pairs.append(socket.socketpair())
    if visitors.enter(pairs[-1][0], household):
        serve(visitors, pairs[-1][0])
        return pairs[-1]
    return None


def test_who_was_not_admitted_makes_room_the_oldest_of_the_most_first():
    visitors, pairs = Visitors(4), []
    quiet = entered(visitors, "quiet", pairs)
    crowd = [entered(visitors, "crowd", pairs) for _ in range(3)]
    visitors.admit(crowd[0][0])
    assert visitors.is_admitted(crowd[0][0]) and not visitors.is_admitted(crowd[1][0])
    assert entered(visitors, "new", pairs)
    assert crowd[1][1].recv(1) == b"" and len(visitors.all()) == 4
    assert quiet[0] in visitors.all() and crowd[0][0] in visitors.all()
    for _, other in pairs:
        other.close()


def test_then_who_asks_nothing_makes_room():
    visitors, pairs = Visitors(2), []
    asking, silent = (entered(visitors, "a", pairs) for _ in range(2))
    for one in (asking, silent):
        visitors.admit(one[0])
    visitors.ask(asking[0], True)
    assert entered(visitors, "b", pairs)
    assert silent[1].recv(1) == b"" and asking[0] in visitors.all()
    for _, other in pairs:
        other.close()


def test_where_all_were_admitted_and_ask_nobody_comes_in():
    visitors, pairs = Visitors(2), []
    for _ in range(2):
        connection = entered(visitors, "a", pairs)[0]
        visitors.admit(connection)
        visitors.ask(connection, True)
    assert entered(visitors, "b", pairs) is None
    visitors.admit(pairs[-1][0])  # it is not there: nothing happens
    assert not visitors.is_admitted(pairs[-1][0]) and len(visitors.all()) == 2
    for _, other in pairs:
        other.close()


def test_nobody_is_sent_away_while_one_that_has_hung_up_leaves():
    visitors, pairs = Visitors(2), []
    watching = entered(visitors, "a", pairs)
    slow, viewer = socket.socketpair()
    assert visitors.enter(slow, "a")
    for one in (watching[0], slow):
        visitors.admit(one)
    viewer.close()
    leaving = threading.Timer(0.2, visitors.leave, (slow,))
    leaving.start()
    assert entered(visitors, "b", pairs)
    assert watching[0] in visitors.all() and slow not in visitors.all()
    slow.close()
    for _, other in pairs:
        other.close()
