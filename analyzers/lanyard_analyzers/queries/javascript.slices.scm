; What slices need besides the language's own query file, without predicates.
; values:     @value, a whole definition of a named value; @name its name.
; statements: @import, a whole statement that brings names in.
; fields:     @field, a whole field or attribute of a class; @name its name.
;;; values
(lexical_declaration (variable_declarator name: (identifier) @name)) @value
(variable_declaration (variable_declarator name: (identifier) @name)) @value

;;; statements
(import_statement) @import
(export_statement source: (_)) @import
(program (lexical_declaration (variable_declarator value: (call_expression function: (identifier) @require))) @import)
(program (variable_declaration (variable_declarator value: (call_expression function: (identifier) @require))) @import)

;;; fields
(field_definition property: (_) @name) @field
