; What slices need besides the language's own query file, without predicates.
; values:     @value, a whole definition of a named value; @name its name.
; statements: @import, a whole statement that brings names in.
; fields:     @field, a whole field or attribute of a class; @name its name.
;;; values
(delegate_declaration name: (identifier) @name) @value

;;; statements
(using_directive) @import

;;; fields
(field_declaration (variable_declaration (variable_declarator name: (identifier) @name))) @field
(property_declaration name: (identifier) @name) @field
(enum_member_declaration name: (identifier) @name) @field
