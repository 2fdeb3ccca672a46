"""Bits of a NAL unit, as H.264 and H.265 write their parameters. Knows numbers; not what they
stand for."""


class EndOfBits(ValueError):
    """More was asked for than there is: no whole parameter set."""


class Bits:
    """The bits of a payload, without the bytes that keep start codes out of it, from the first
    on."""

    def __init__(self, payload: bytes) -> None:
        data = payload.rstrip(b"\0").replace(b"\0\0\3", b"\0\0")
        self._number, self._left = int.from_bytes(data, "big"), 8 * len(data)

    def take(self, count: int) -> int:
        """The next `count` bits as a number. Raises EndOfBits where there are fewer."""
        if count > self._left:
            raise EndOfBits(count)
        self._left -= count
        return (self._number >> self._left) & ((1 << count) - 1)

    def flag(self) -> bool:
        return bool(self.take(1))

    def unsigned(self) -> int:
        """An Exp-Golomb number, ue(v), at most 32 bits of it (H.264, 9.1)."""
        zeros = 0
        while not self.take(1):
            zeros += 1
            if zeros > 32:
                raise EndOfBits(zeros)
        return (1 << zeros) - 1 + self.take(zeros)

    def signed(self) -> int:
        """An Exp-Golomb number with a sign, se(v)."""
        number = self.unsigned()
        return (number + 1) // 2 if number % 2 else -(number // 2)

    def skip(self, *counts: int) -> None:
        for count in counts:
            self.take(count)

    def skip_unsigned(self, count: int) -> None:
        for _ in range(count):
            self.unsigned()

    @property
    def at_end(self) -> bool:
        """Whether nothing but the closing 1 and its zeros is left."""
        rest = self._number & ((1 << self._left) - 1)
        return self._left > 0 and rest == 1 << (self._left - 1)
