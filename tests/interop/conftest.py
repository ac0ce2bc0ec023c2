import pytest
from tests.interop.loopback import DECODERS


@pytest.fixture(scope="session", autouse=True)
def _compiled() -> None:
    """Compile the decoders' kernels first; a client's deadline is not the place to wait for a compiler."""
    for decode in DECODERS.protobuf.values():
        decode(b"", 0)
    DECODERS.lines("")(b'{"message": "a"}\n', 0)
