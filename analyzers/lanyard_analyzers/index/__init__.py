"""The workspace index: what is defined, imported and mentioned in which file."""

from __future__ import annotations

from lanyard_analyzers.index.index import Index
from lanyard_analyzers.index.records import Binding, FileRecord, Import, Param, Symbol
from lanyard_analyzers.index.source import SourceFile

__all__ = ["Binding", "FileRecord", "Import", "Index", "Param", "SourceFile", "Symbol"]
