"""What can be set."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class Settings(BaseModel):
    """How soon a worker that is gone is noticed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    heartbeat: float = Field(3.0, gt=0, description="seconds between two signs of life of a worker")
    stalled: float = Field(15.0, gt=0, description="seconds without one after which others do its jobs")
    sweep: int = Field(5, ge=1, le=30, description="seconds between two looks for such jobs, and for what is due")
    poll: float = Field(0.5, gt=0, description="seconds between two looks of an idle worker at the queue")
