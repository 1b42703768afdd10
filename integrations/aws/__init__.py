"""AWS IAM Identity Center: account assignments given to one person for a while."""

from integrations.aws.identity_center import IdentityCenter

__all__ = ["IdentityCenter"]
