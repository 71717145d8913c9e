"""${message}."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = ${repr(branch_labels)}
depends_on = ${repr(depends_on)}


def upgrade() -> None:
    """Change the tables; add the revision to `SCHEMA_REVISIONS` as well."""
    ${upgrades if upgrades else "pass"}


def downgrade() -> None:
    """Change the tables back; what older tables can hold is kept."""
    ${downgrades if downgrades else "pass"}
