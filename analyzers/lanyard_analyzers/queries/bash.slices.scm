; What slices need besides the language's own query file, without predicates.
; values:     @value, a whole definition of a named value; @name its name.
; statements: @import, a whole statement that brings names in.
; fields:     @field, a whole field or attribute of a class; @name its name.
;;; values
(program (variable_assignment name: (variable_name) @name) @value)
(program (declaration_command (variable_assignment name: (variable_name) @name)) @value)

;;; statements
(program (command name: (command_name (word) @_source)) @import)

;;; fields
(program (variable_assignment name: (variable_name) @name) @field)
