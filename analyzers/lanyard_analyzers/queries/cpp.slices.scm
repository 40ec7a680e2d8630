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
(alias_declaration name: (type_identifier) @name) @value
(declaration declarator: (reference_declarator (function_declarator declarator: (identifier) @name))) @value
(field_declaration declarator: (function_declarator declarator: (field_identifier) @name)) @value

;;; statements
(preproc_include) @import
(using_declaration) @import

;;; fields
(field_declaration declarator: (field_identifier) @name) @field
(field_declaration declarator: (pointer_declarator declarator: (field_identifier) @name)) @field
(field_declaration declarator: (reference_declarator (field_identifier) @name)) @field
(field_declaration declarator: (array_declarator declarator: (field_identifier) @name)) @field
(enumerator name: (identifier) @name) @field
