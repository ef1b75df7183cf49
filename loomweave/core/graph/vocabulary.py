"""The types of nodes and edges that LoomWeave ships; any other name may be used. Spec: GRF-10."""

from enum import StrEnum


class NodeType(StrEnum):
    """What a node stands for. Spec: GRF-10."""

    AGENT = "agent"
    ACTOR = "actor"
    TASK = "task"
    GOAL = "goal"
    CONCEPT = "concept"
    FACT = "fact"
    RULE = "rule"
    PATTERN = "pattern"
    DOCUMENT = "document"
    MESSAGE = "message"
    EVENT = "event"
    STATE = "state"
    TEAM = "team"
    PROJECT = "project"
    WORKFLOW = "workflow"
    CUSTOM = "custom"


class EdgeType(StrEnum):
    """How two nodes are related. Spec: GRF-10."""

    PARENT_OF = "parent_of"
    CHILD_OF = "child_of"
    OWNS = "owns"
    BELONGS_TO = "belongs_to"
    SENDS_TO = "sends_to"
    RECEIVES_FROM = "receives_from"
    COLLABORATES_WITH = "collaborates_with"
    DEPENDS_ON = "depends_on"
    REQUIRED_BY = "required_by"
    BLOCKS = "blocks"
    BLOCKED_BY = "blocked_by"
    KNOWS_ABOUT = "knows_about"
    DERIVES_FROM = "derives_from"
    IMPLIES = "implies"
    CONTRADICTS = "contradicts"
    PRECEDES = "precedes"
    FOLLOWS = "follows"
    TRIGGERED_BY = "triggered_by"
    TRIGGERS = "triggers"
    TRANSITIONS_TO = "transitions_to"
    RESULTED_IN = "resulted_in"
    CUSTOM = "custom"
