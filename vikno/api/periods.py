"""For how long personal data is kept that is not over by itself: settings, each with its limits."""

from __future__ import annotations

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

PREFIX = "VIKNO_KEEP_"


class Periods(BaseSettings):
    """Days; `VIKNO_KEEP_TRAIL_DAYS=90` sets the first."""

    model_config = SettingsConfigDict(env_prefix=PREFIX)

    trail_days: int = Field(default=365, ge=30, le=3_650)
    """Who signed in and decided what: a year, so that whoever audits one still finds it."""

    disabled_accounts_days: int = Field(default=365, ge=30, le=3_650)
    """Since they were last used; the trail must not name people who are in no list any more."""
