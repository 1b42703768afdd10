"""Access policy: facts in, decision out. Pure; knows no rows and no Slack."""

from playbooks.access.policy.approvers import approver_sources, approvers_in_words, eligible_approvers, stage_to_ask
from playbooks.access.policy.catalogue import Catalogue, Entitlement, Target
from playbooks.access.policy.decide import Decision, decide_approval, decide_request
from playbooks.access.policy.facts import ApprovalFacts, Purpose, RequestFacts
from playbooks.access.policy.offers import Offer, offers
from playbooks.access.policy.questions import approve_question, load_policies, request_question, schema

__all__ = [
    "ApprovalFacts",
    "Catalogue",
    "Decision",
    "Entitlement",
    "Offer",
    "Purpose",
    "RequestFacts",
    "Target",
    "approve_question",
    "approver_sources",
    "approvers_in_words",
    "decide_approval",
    "decide_request",
    "eligible_approvers",
    "load_policies",
    "offers",
    "request_question",
    "schema",
    "stage_to_ask",
]
