"""`python -m tools.vectors`: writes `vectors/seal/`, `vectors/audit/` and `vectors/record/` again."""

from pathlib import Path

from tools.vectors import audits, records
from tools.vectors.write import write

VECTORS = Path(__file__).resolve().parents[2] / "vectors"

write(VECTORS / "seal")
audits.write(VECTORS / "audit")
records.write(VECTORS / "record")
