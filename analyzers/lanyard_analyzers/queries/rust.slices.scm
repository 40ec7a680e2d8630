; What slices need besides the language's own query file, without predicates.
; values:     @value, a whole definition of a named value; @name its name.
; statements: @import, a whole statement that brings names in.
; fields:     @field, a whole field or attribute of a class; @name its name.
;;; values
(const_item name: (identifier) @name) @value
(static_item name: (identifier) @name) @value
(type_item name: (type_identifier) @name) @value

;;; statements
[(use_declaration) (extern_crate_declaration)] @import
(mod_item !body) @import

;;; fields
(field_declaration name: (field_identifier) @name) @field
(enum_variant name: (identifier) @name) @field
