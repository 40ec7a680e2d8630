;;; definitions
(function_declaration "fun" . name: (identifier) @name) @definition.function
(function_declaration "fun" . name: (identifier) @name (function_body) @body) @definition.function
(function_declaration (type_parameters) . name: (identifier) @name) @definition.function
(function_declaration (type_parameters) . name: (identifier) @name (function_body) @body) @definition.function
(function_declaration (_) @owner . "." . name: (identifier) @name) @definition.method
(function_declaration (_) @owner . "." . name: (identifier) @name (function_body) @body) @definition.method
(secondary_constructor "constructor" @name (block)? @body) @definition.method
(property_declaration ["val" "var"] . (variable_declaration . (identifier) @name)
  (getter (function_body) @body)) @definition.function
(property_declaration (_) @owner . "." . (variable_declaration . (identifier) @name)
  (getter (function_body) @body)) @definition.method
(property_declaration (variable_declaration . (identifier) @name)
  [(lambda_literal) (anonymous_function)] @body) @definition.function
(class_declaration name: (identifier) @name) @definition.class
(class_declaration name: (identifier) @name [(class_body) (enum_class_body)] @body) @definition.class
(object_declaration name: (identifier) @name) @definition.class
(object_declaration name: (identifier) @name (class_body) @body) @definition.class

;;; imports
(import (qualified_identifier) @import.source) @import
((import (qualified_identifier (identifier) @import.name .) .) @_whole (#not-match? @_whole "[*]$"))
(import (qualified_identifier) "as" (identifier) @import.name)

;;; references
(call_expression . (identifier) @call)
(call_expression . (navigation_expression (identifier) @call .))
(user_type (identifier) @type .)

;;; members
(class_body (property_declaration (variable_declaration . (identifier) @name)) @member)
(enum_class_body (property_declaration (variable_declaration . (identifier) @name)) @member)
(class_parameter ["val" "var"] (identifier) @name) @member
(enum_entry (identifier) @name) @member

;;; branches
[
  (if_expression) (for_statement) (while_statement) (do_while_statement) (when_entry) (catch_block)
  (binary_expression operator: ["&&" "||" "?:"])
] @branch

;;; tests
(function_declaration (modifiers (annotation (user_type (identifier) @name)))
  (#match? @name "^(Parameterized|Repeated|Property)?Test$")) @test
(function_declaration (modifiers (annotation (constructor_invocation (user_type (identifier) @name))))
  (#match? @name "^(Parameterized|Repeated|Property)?Test$")) @test
(call_expression (call_expression . (identifier) @name) (annotated_lambda)
  (#any-of? @name "test" "it" "should" "scenario" "expect")) @test
(call_expression . (string_literal) (annotated_lambda)) @test

;;; identifiers
(identifier) @identifier
