; What slices need besides the language's own query file, without predicates.
; values:     @value, a whole definition of a named value; @name its name.
; statements: @import, a whole statement that brings names in.
; fields:     @field, a whole field or attribute of a class; @name its name.
;;; values
(source_file (property_declaration (variable_declaration . (identifier) @name)) @value)
(type_alias type: (identifier) @name) @value

;;; statements
(import) @import

;;; fields
(class_body (property_declaration (variable_declaration . (identifier) @name)) @field)
(enum_entry (identifier) @name) @field
