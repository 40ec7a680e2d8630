; What slices need besides the language's own query file, without predicates.
; values:     @value, a whole definition of a named value; @name its name.
; statements: @import, a whole statement that brings names in.
; fields:     @field, a whole field or attribute of a class; @name its name.
;;; values
(chunk (variable_declaration (assignment_statement (variable_list . name: (identifier) @name))) @value)

;;; statements
(variable_declaration (assignment_statement (expression_list . value: (function_call name: (identifier) @require)))) @import

;;; fields
(field name: (identifier) @name) @field
