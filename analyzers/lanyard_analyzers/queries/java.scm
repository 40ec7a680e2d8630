;;; definitions
(method_declaration name: (identifier) @name body: (_)? @body) @definition.method
(constructor_declaration name: (identifier) @name body: (_) @body) @definition.method
(compact_constructor_declaration name: (identifier) @name body: (_) @body) @definition.method
(class_declaration name: (identifier) @name body: (_) @body) @definition.class
(interface_declaration name: (identifier) @name body: (_) @body) @definition.class
(enum_declaration name: (identifier) @name body: (_) @body) @definition.class
(record_declaration name: (identifier) @name body: (_) @body) @definition.class
(annotation_type_declaration name: (identifier) @name body: (_) @body) @definition.class
(field_declaration declarator: (variable_declarator name: (identifier) @name
  value: (lambda_expression body: (_) @body))) @definition.method
(local_variable_declaration declarator: (variable_declarator name: (identifier) @name
  value: (lambda_expression body: (_) @body))) @definition.function

;;; imports
(import_declaration (_) @import.source) @import
(import_declaration (scoped_identifier name: (identifier) @import.name) .)

;;; references
(method_invocation name: (identifier) @call)
(object_creation_expression type: (type_identifier) @type)
(type_identifier) @type
(annotation name: (identifier) @type)
(marker_annotation name: (identifier) @type)

;;; members
(field_declaration declarator: (variable_declarator name: (identifier) @name)) @member
(enum_constant name: (identifier) @name) @member
(record_declaration parameters: (formal_parameters (formal_parameter name: (identifier) @name) @member))

;;; branches
[
  (if_statement) (for_statement) (enhanced_for_statement) (while_statement) (do_statement) (catch_clause)
  (switch_label) (ternary_expression) (binary_expression operator: ["&&" "||"])
] @branch

;;; tests
(method_declaration (modifiers [
  (marker_annotation name: (identifier) @name)
  (annotation name: (identifier) @name)]) (#match? @name "^(Parameterized|Repeated)?Test$")) @test
(method_declaration name: (identifier) @name (#match? @name "^test")) @test

;;; identifiers
[(identifier) (type_identifier)] @identifier
