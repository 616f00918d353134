"""Stage 5: an agreement and its decisions in, only the agreed fields of the people included out."""

from gateway.minimisation.line import Block, ListTerms, finish_block, header, list_terms
from gateway.minimisation.list_rows import list_select
from gateway.minimisation.whole_list import WholeList, whole_list_select

__all__ = [
    "Block",
    "ListTerms",
    "WholeList",
    "finish_block",
    "header",
    "list_select",
    "list_terms",
    "whole_list_select",
]
