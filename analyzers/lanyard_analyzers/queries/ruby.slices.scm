; What slices need besides the language's own query file, without predicates.
; values:     @value, a whole definition of a named value; @name its name.
; statements: @import, a whole statement that brings names in.
; fields:     @field, a whole field or attribute of a class; @name its name.
;;; values
(assignment left: (constant) @name) @value

;;; statements
(program (call !receiver arguments: (argument_list . (string) .) !block) @import)

;;; fields
(body_statement (call !receiver method: (identifier) @name arguments: (argument_list (simple_symbol))) @field)
