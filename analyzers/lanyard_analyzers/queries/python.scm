;;; definitions
(function_definition name: (identifier) @name body: (block) @body) @definition.function
(class_definition name: (identifier) @name body: (block) @body) @definition.class
(assignment left: (identifier) @name right: (lambda body: (_) @body)) @definition.function
(decorated_definition definition: (_) @wrapped) @wrapper

;;; imports
(import_statement name: (dotted_name) @import.source @import.name) @import
(import_statement name: (aliased_import name: (dotted_name) @import.source alias: (identifier) @import.name)) @import
(import_from_statement module_name: (_) @import.source name: (dotted_name) @import.name) @import
(import_from_statement module_name: (_) @import.source name: (aliased_import alias: (identifier) @import.name)) @import
(import_from_statement module_name: (_) @import.source (wildcard_import)) @import
(future_import_statement) @import

;;; references
(call function: (identifier) @call)
(call function: (attribute attribute: (identifier) @call))
(decorator (identifier) @call)
(decorator (attribute attribute: (identifier) @call))
(type (identifier) @type)
(type (attribute attribute: (identifier) @type))
(type (generic_type (identifier) @type))
(type (binary_operator (identifier) @type))
(class_definition superclasses: (argument_list (identifier) @type))
(class_definition superclasses: (argument_list (attribute attribute: (identifier) @type)))

;;; members
(class_definition body: (block (expression_statement (assignment left: (identifier) @name) @member)))
(assignment left: (attribute object: (identifier) @_self attribute: (identifier) @name) (#eq? @_self "self")) @member

;;; branches
[
  (if_statement) (elif_clause) (for_statement) (while_statement) (except_clause) (case_clause)
  (conditional_expression) (boolean_operator) (for_in_clause) (if_clause) (assert_statement)
] @branch

;;; tests
(function_definition name: (identifier) @name (#match? @name "^test")) @test

;;; identifiers
(identifier) @identifier
