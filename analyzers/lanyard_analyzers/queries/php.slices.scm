; What slices need besides the language's own query file, without predicates.
; values:     @value, a whole definition of a named value; @name its name.
; statements: @import, a whole statement that brings names in.
; fields:     @field, a whole field or attribute of a class; @name its name.
;;; values
(const_declaration (const_element . (name) @name)) @value

;;; statements
(namespace_use_declaration) @import

;;; fields
(property_declaration (property_element name: (variable_name) @name)) @field
(enum_case name: (name) @name) @field
