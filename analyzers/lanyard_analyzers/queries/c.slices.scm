; What slices need besides the language's own query file, without predicates.
; values:     @value, a whole definition of a named value; @name its name.
; statements: @import, a whole statement that brings names in.
; fields:     @field, a whole field or attribute of a class; @name its name.
;;; values
(preproc_def name: (identifier) @name) @value
(declaration declarator: (function_declarator declarator: (identifier) @name)) @value
(declaration declarator: (pointer_declarator declarator: (function_declarator declarator: (identifier) @name))) @value
(declaration declarator: (init_declarator declarator: (identifier) @name)) @value
(declaration declarator: (init_declarator declarator: (array_declarator declarator: (identifier) @name))) @value
(type_definition declarator: (type_identifier) @name) @value

;;; statements
(preproc_include) @import

;;; fields
(field_declaration declarator: (_) @name) @field
(enumerator name: (identifier) @name) @field
