;;; definitions
(function_definition name: (word) @name body: (_) @body) @definition.function

;;; imports
(command name: (command_name (word) @_source) . argument: (_) @import.source
  (#any-of? @_source "source" "." "load" "bats_load_library")) @import

;;; references
(command name: (command_name (word) @call))

;;; members
(program (variable_assignment name: (variable_name) @name) @member)

;;; branches
[
  (if_statement) (elif_clause) (for_statement) (c_style_for_statement) (while_statement) (case_item)
  (list ["&&" "||"]) (binary_expression operator: ["&&" "||"]) (ternary_expression)
] @branch

;;; tests
(function_definition name: (word) @name (#match? @name "^test")) @test
(command name: (command_name (word) @_test) . argument: (_) @name (#eq? @_test "@test")) @test

;;; identifiers
[(variable_name) (word)] @identifier
