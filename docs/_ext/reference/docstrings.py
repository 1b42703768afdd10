"""The texts below the fields of a class, which Python itself does not keep."""

import ast
import inspect
import textwrap

from docs._ext.reference.markdown import prose


def of_fields(owner: type) -> dict[str, str]:
    """Each annotated field with the text that stands below it, if one does."""
    (body,) = ast.parse(textwrap.dedent(inspect.getsource(owner))).body
    texts: dict[str, str] = {}
    if isinstance(body, ast.ClassDef):
        for field, below in zip(body.body, body.body[1:], strict=False):
            match field, below:
                case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(text))):
                    texts[name] = prose(text)
    return texts
