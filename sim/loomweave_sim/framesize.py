"""How long frames are, and a sample of them through the shipped codec. Spec: SCN-26.

Frames travel as objects. Each distinct batch is encoded once for its size, however many copies
of it are sent.
"""

from msgspec.structs import replace

from loomweave.core.errors import Refusal
from loomweave.core.sync.frames import Batch, Frame
from loomweave.wire.native import decode_frame, encode_frame


class FrameSizes:
    """Lengths of frames on the wire. Spec: SCN-26."""

    __slots__ = ("_batches",)

    def __init__(self) -> None:
        self._batches: dict[tuple[bytes, int], int] = {}

    def size(self, frame: Frame) -> int:
        """Return how many bytes a frame takes. Spec: SCN-26."""
        if type(frame) is not Batch:
            return len(encode_frame(frame))
        dot = (frame.part.writer, frame.part.seq)
        size = self._batches.get(dot)
        if size is None:
            size = self._batches[dot] = len(encode_frame(frame))
        return size

    def through_bytes(self, frame: Frame) -> Frame:
        """Turn a frame into bytes and back, as a real link does. Spec: SCN-26."""
        decoded = decode_frame(encode_frame(frame))
        assert not isinstance(decoded, Refusal), f"our own frame was refused: {decoded.reason}"
        if isinstance(frame, Batch) and isinstance(decoded, Batch):
            same = replace(decoded, raw=frame.raw) == frame
        else:
            same = decoded == frame
        assert same, f"a frame changed on its way through bytes: {frame}"
        return decoded
