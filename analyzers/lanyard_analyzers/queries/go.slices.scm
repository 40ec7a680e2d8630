; What slices need besides the language's own query file, without predicates.
; values:     @value, a whole definition of a named value; @name its name.
; statements: @import, a whole statement that brings names in.
; fields:     @field, a whole field or attribute of a class; @name its name.
;;; values
(const_spec name: (identifier) @name) @value
(var_spec name: (identifier) @name) @value

;;; statements
(import_declaration) @import

;;; fields
(field_declaration name: (field_identifier) @name) @field
(method_elem name: (field_identifier) @name) @field
