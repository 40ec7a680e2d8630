;;; definitions
(function_declaration name: (identifier) @name body: (block)? @body) @definition.function
(function_declaration name: (dot_index_expression table: (_) @owner field: (identifier) @name)
  body: (block)? @body) @definition.method
(function_declaration name: (method_index_expression table: (_) @owner method: (identifier) @name)
  body: (block)? @body) @definition.method
(assignment_statement (variable_list . name: (dot_index_expression table: (_) @owner field: (identifier) @name) .)
  (expression_list . value: (function_definition body: (block)? @body) .)) @definition.method
(assignment_statement (variable_list . name: (identifier) @name .)
  (expression_list . value: (function_definition body: (block)? @body) .)) @definition.function
(variable_declaration (assignment_statement (variable_list . name: (identifier) @name .)
  (expression_list . value: (function_definition body: (block)? @body) .))) @definition.function
(field name: (identifier) @name value: (function_definition body: (block)? @body)) @definition.function
(assignment_statement (variable_list . name: (identifier) @name .)
  (expression_list . value: (table_constructor) .)) @scope.class

;;; imports
(variable_declaration (assignment_statement (variable_list . name: (identifier) @import.name)
  (expression_list . value: (function_call name: (identifier) @_require
    arguments: (arguments . (string content: (_) @import.source))))) (#eq? @_require "require")) @import
(variable_declaration (assignment_statement (variable_list . name: (identifier) @import.name)
  (expression_list . value: (dot_index_expression table: (function_call name: (identifier) @_require
    arguments: (arguments . (string content: (_) @import.source)))))) (#eq? @_require "require")) @import
(chunk (function_call name: (identifier) @_require
  arguments: (arguments . (string content: (_) @import.source))) @import (#any-of? @_require "require" "dofile"))

;;; references
(function_call name: (identifier) @call)
(function_call name: (dot_index_expression field: (identifier) @call))
(function_call name: (method_index_expression method: (identifier) @call))
(function_call name: (identifier) @_set arguments: (arguments (identifier) @type .) (#eq? @_set "setmetatable"))

;;; members
(assignment_statement (variable_list name: (dot_index_expression field: (identifier) @name))) @member
(field name: (identifier) @name) @member

;;; branches
[
  (if_statement) (elseif_statement) (for_statement) (while_statement) (repeat_statement)
  (binary_expression ["and" "or"])
] @branch

;;; tests
(function_call name: (identifier) @name arguments: (arguments (function_definition))
  (#any-of? @name "it" "test" "specify" "pending")) @test
(function_declaration name: (_) @name (#match? @name "(^|[.:])test")) @test

;;; identifiers
(identifier) @identifier
