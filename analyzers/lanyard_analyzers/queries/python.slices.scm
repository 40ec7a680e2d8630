; What slices need besides the language's own query file, without predicates.
; values:     @value, a whole definition of a named value; @name its name.
; statements: @import, a whole statement that brings names in.
; fields:     @field, a whole field or attribute of a class; @name its name.
;;; values
(expression_statement (assignment left: (identifier) @name)) @value
(type_alias_statement left: (type (identifier) @name)) @value

;;; statements
[(import_statement) (import_from_statement) (future_import_statement)] @import

;;; fields
(class_definition body: (block (expression_statement (assignment left: (identifier) @name) @field)))
(assignment left: (attribute object: (identifier) @self attribute: (identifier) @name)) @field
