;;; definitions
(function_declaration name: (identifier) @name body: (_) @body) @definition.function
(generator_function_declaration name: (identifier) @name body: (_) @body) @definition.function
(method_definition name: (_) @name body: (_) @body) @definition.method
(lexical_declaration . (variable_declarator name: (identifier) @name
  value: [(arrow_function body: (_) @body) (function_expression body: (_) @body) (generator_function body: (_) @body)])
  ) @definition.function
(variable_declaration . (variable_declarator name: (identifier) @name
  value: [(arrow_function body: (_) @body) (function_expression body: (_) @body) (generator_function body: (_) @body)])
  ) @definition.function
(lexical_declaration . (variable_declarator name: (identifier) @name value: (class body: (_) @body))) @definition.class
(pair key: (_) @name value: [(arrow_function body: (_) @body) (function_expression body: (_) @body)]) @definition.function
(assignment_expression left: (member_expression) @name
  right: [(arrow_function body: (_) @body) (function_expression body: (_) @body)]) @definition.function
(variable_declarator name: (identifier) @name value: (object)) @scope.class
(export_statement declaration: (_) @wrapped) @wrapper

;;; imports
(import_statement source: (string) @import.source) @import
(import_statement (import_clause (identifier) @import.name)) @import
(import_specifier name: (_) @import.name !alias)
(import_specifier alias: (identifier) @import.name)
(namespace_import (identifier) @import.name)
(lexical_declaration (variable_declarator name: (_) @import.name value: (call_expression
  function: (identifier) @_require arguments: (arguments (string) @import.source))
  (#eq? @_require "require"))) @import
(export_statement source: (string) @import.source) @import

;;; references
(call_expression function: (identifier) @call)
(call_expression function: (member_expression property: (property_identifier) @call))
(new_expression constructor: (identifier) @type)

;;; branches
[
  (if_statement) (for_statement) (for_in_statement) (while_statement) (do_statement) (catch_clause) (switch_case)
  (ternary_expression) (binary_expression operator: ["&&" "||" "??"])
] @branch

;;; tests
(call_expression function: (identifier) @name (#any-of? @name "it" "test")) @test
(call_expression function: (member_expression object: (identifier) @name) (#any-of? @name "it" "test")) @test
