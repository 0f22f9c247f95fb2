"""`python -m tools.vectors [FOLDER]`: into `vectors/seal/`, where no other is named."""

import sys
from pathlib import Path

from tools.vectors.write import write

FOLDER = Path(__file__).resolve().parents[2] / "vectors" / "seal"

write(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
